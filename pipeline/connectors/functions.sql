-- Functions that connector SQL may use. A function that reads text gives text back: the value in a form that casts, or,
-- when it cannot be read, the value as it was, so that the cast fails and the row is rejected with what was received.

create or replace macro part_of_url(url, pattern) as nullif(regexp_extract(url, pattern, 1), '');

create or replace macro url_host(url) as
    lower(part_of_url(url, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@?#]*@)?([^/:?#]+)'));

-- Text whose escapes are not UTF-8 stays as it is written.
create or replace macro url_text(part) as coalesce(try(url_decode(replace(part, '+', ' '))), part);

create or replace macro url_parameter(url, name) as
    url_text(part_of_url(url, '[?&]' || name || '=([^&#]*)'));

create or replace macro yes_or_no_text(value) as
    case
        when lower(trim(value)) in ('1', 'true', 't', 'yes', 'y', 'on') then 'true'
        when lower(trim(value)) in ('0', 'false', 'f', 'no', 'n', 'off') then 'false'
        else value
    end;

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
