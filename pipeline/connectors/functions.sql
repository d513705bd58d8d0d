-- Functions that connector SQL may use. A function that reads text gives text back: the value in a form that casts, or,
-- when it cannot be read, the value as it was, so that the cast fails and the row is rejected with what was received.

create or replace macro part_of_url(url, pattern) as nullif(regexp_extract(url, pattern, 1), '');

create or replace macro url_host(url) as
    lower(part_of_url(url, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@?#]*@)?([^/:?#]+)'));

create or replace macro url_parameter(url, name) as
    nullif(replace(url_decode(regexp_extract(url, '[?&]' || name || '=([^&#]*)', 1)), '+', ' '), '');

-- A local time and its zone to UTC. A null zone gives null.
create or replace macro utc_of(local_time, zone) as timezone('UTC', timezone(zone, local_time));

-- Text of a local time in any of the forms that exports write without a zone.
create or replace macro local_time(value) as
    try_strptime(value, [
        '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d', '%Y-%m-%d %H:%M:%S.%f',
        '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %I:%M %p', '%m/%d/%Y',
        '%m/%d/%y %H:%M', '%m/%d/%y %I:%M %p', '%m/%d/%y',
        '%b %d, %Y %I:%M %p', '%b %d, %Y %H:%M', '%b %d, %Y']);

create or replace macro utc_text(value, zone) as
    coalesce(
        utc_of(local_time(value), zone)::varchar,
        case when zone is null and local_time(value) is not null then value || ' (time zone not known)' else value end);

-- Whole milliseconds since 1970 as text.
create or replace macro utc_text_of_millis(value) as
    coalesce(epoch_ms(try_cast(value as bigint))::varchar, value);

create or replace macro digits_and_marks(value) as regexp_replace(value, '[^0-9.,()-]', '', 'g');

create or replace macro unsigned_money(value, decimal_mark) as
    case decimal_mark
        when ',' then replace(replace(value, '.', ''), ',', '.')
        else replace(value, ',', '')
    end;

-- "$1,240.00", "-$7.00", "($9.99)", "1.234,50 €" to a plain number.
create or replace macro money_text(value, decimal_mark) as
    coalesce(
        try_cast(
            case
                when starts_with(digits_and_marks(value), '(')
                then '-' || unsigned_money(trim(digits_and_marks(value), '()-'), decimal_mark)
                else unsigned_money(digits_and_marks(value), decimal_mark)
            end as decimal(18, 4)
        )::varchar,
        value);

-- Currency of a symbol that stands in the amount, when it names one beyond doubt.
create or replace macro split_list(value, separator) as
    list_filter(list_transform(string_split(value, separator), lambda part: trim(part)), lambda part: part <> '');

-- A list without its empty items; null when nothing is left.
create or replace macro some_of(items) as
    case when len(list_filter(items, lambda item: item is not null and item <> '')) > 0
         then list_filter(items, lambda item: item is not null and item <> '') end;

-- Id of one of several events that a row stands for.
create or replace macro event_of(row_key, part) as md5(row_key::varchar || chr(31) || part)::uuid;
