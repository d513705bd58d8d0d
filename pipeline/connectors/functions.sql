-- Functions that connector SQL may use. A function that reads text gives text back: the value in a form that casts, or,
-- when it cannot be read, the value as it was, so that the cast fails and the row is rejected with what was received.

create or replace macro part_of_url(url, pattern) as nullif(regexp_extract(url, pattern, 1), '');

create or replace macro url_host(url) as
    lower(part_of_url(url, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@?#]*@)?([^/:?#]+)'));

-- Text whose escapes are not UTF-8 stays as it is written.
create or replace macro url_text(part) as coalesce(try(url_decode(replace(part, '+', ' '))), part);

create or replace macro url_parameter(url, name) as
    url_text(part_of_url(url, '[?&]' || name || '=([^&#]*)'));

-- A local time and its zone to UTC. A null zone gives null.
create or replace macro utc_of(local_time, zone) as timezone('UTC', timezone(zone, local_time));

-- Text of a local time in any of the forms that exports write without a zone.
create or replace macro local_time(value) as
    try_strptime(value, [
        '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d', '%Y-%m-%d %H:%M:%S.%f',
        '%Y-%m-%dT%H:%M', '%Y-%m-%dT%H:%M:%S.%f', '%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p',
        '%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M', '%Y/%m/%d', '%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y',
        '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %I:%M %p', '%m/%d/%Y',
        '%m/%d/%y %H:%M', '%m/%d/%y %I:%M %p', '%m/%d/%y',
        '%b %d, %Y %I:%M %p', '%b %d, %Y %H:%M', '%b %d, %Y']);

-- A time with an offset of its own, or a local time. Text in any other form is marked, since a cast might read it wrongly.
create or replace macro has_offset(value) as regexp_matches(value, '[0-9](Z|z| ?[+-][0-9]{2}:?[0-9]{2})$');

create or replace macro time_with_offset(value) as
    timezone('UTC', try_cast(regexp_replace(value, ' ?([+-][0-9]{2}):?([0-9]{2})$', '\1:\2') as timestamptz));

create or replace macro utc_text(value, zone) as
    case
        when has_offset(value) then coalesce(time_with_offset(value)::varchar, value || ' (form not known)')
        when local_time(value) is null then value || ' (form not known)'
        when zone is null then value || ' (time zone not known)'
        else coalesce(utc_of(local_time(value), zone)::varchar, value || ' (time zone not known)')
    end;

-- The same, or whole seconds, milliseconds or microseconds since 1970.
create or replace macro time_text(value, zone) as
    case
        when regexp_full_match(value, '[0-9]{10}') then make_timestamp(try_cast(value as bigint) * 1000000)::varchar
        when regexp_full_match(value, '[0-9]{13}') then make_timestamp(try_cast(value as bigint) * 1000)::varchar
        when regexp_full_match(value, '[0-9]{16}') then make_timestamp(try_cast(value as bigint))::varchar
        else utc_text(value, zone)
    end;

create or replace macro yes_or_no_text(value) as
    case
        when lower(trim(value)) in ('1', 'true', 't', 'yes', 'y', 'on') then 'true'
        when lower(trim(value)) in ('0', 'false', 'f', 'no', 'n', 'off') then 'false'
        else value
    end;

-- Whole milliseconds since 1970 as text.
create or replace macro utc_text_of_millis(value) as
    coalesce(try(epoch_ms(try_cast(value as bigint)))::varchar, value);

create or replace macro digits_and_marks(value) as regexp_replace(value, '[^0-9.,()-]', '', 'g');

create or replace macro unsigned_money(value, decimal_mark) as
    case decimal_mark
        when ',' then replace(replace(value, '.', ''), ',', '.')
        else replace(value, ',', '')
    end;

-- Digits with their marks, at most a sign, brackets and a currency beside them; "12k" and "1.2E+05" are something else.
create or replace macro has_right_marks(digits, decimal_mark) as
    case decimal_mark
        when ',' then regexp_full_match(digits, '[0-9]{1,3}([.][0-9]{3})*(,[0-9]*)?|[0-9]*(,[0-9]*)?')
        else regexp_full_match(digits, '[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}([.][0-9]*)?|[0-9]*([.][0-9]*)?')
    end;

create or replace macro looks_like_money(value) as
    regexp_full_match(
        trim(value),
        '[-+(]*\s*([A-Z]{0,3}[$€£¥₹]|[A-Z]{3}|kr|zł)?\s*[-+(]*[0-9.,][0-9.,\s\x{a0}\x{202f}]*([A-Z]{3}|[$€£¥₹]|kr\.?|zł)?\s*[-)]?');

-- "$1,240.00", "-$7.00", "($9.99)", "1.234,50 €" to a plain number; marks in places where they cannot be stay, and fail.
create or replace macro money_text(value, decimal_mark) as
    case
        when not looks_like_money(value) then value
        when not has_right_marks(trim(digits_and_marks(value), '()-'), decimal_mark)
            then value || ' (decimal mark ' || decimal_mark || ')'
        else coalesce(
            try_cast(
                case
                    when contains(value, '(')
                    then '-' || unsigned_money(trim(digits_and_marks(value), '()-'), decimal_mark)
                    else unsigned_money(digits_and_marks(value), decimal_mark)
                end as decimal(18, 4)
            )::varchar,
            value)
    end;

-- The parts of a list written as text.
create or replace macro split_list(value, separator) as
    list_filter(list_transform(string_split(value, separator), lambda part: trim(part)), lambda part: part <> '');

-- A list without its empty items; null when nothing is left.
create or replace macro some_of(items) as
    case when len(list_filter(items, lambda item: item is not null and item <> '')) > 0
         then list_filter(items, lambda item: item is not null and item <> '') end;

-- Id of one of several events that a row stands for.
create or replace macro event_of(row_key, part) as md5(row_key::varchar || chr(31) || part)::uuid;
