-- Functions that the writers share.

-- Text as it stands inside a JSON string of a BigQuery export, which writes & < > as escapes.
create or replace macro json_text(value) as
    replace(replace(replace(replace(replace(value, '\', '\\'), '"', '\"'), '&', '\u0026'), '<', '\u003c'), '>', '\u003e');

create or replace macro text_param(name, value) as '{"key":"' || name || '","value":{"string_value":"' || json_text(value) || '"}}';

create or replace macro int_param(name, value) as '{"key":"' || name || '","value":{"int_value":"' || value || '"}}';

create or replace macro double_param(name, value) as '{"key":"' || name || '","value":{"double_value":' || value || '}}';

-- Cents as a plain number.
create or replace macro plain_money(cents) as (cents / 100)::double::varchar;

-- Cents as a till writes them: $1,240.00 and -$7.00.
create or replace macro till_money(cents) as
    (case when cents < 0 then '-' else '' end) || format('${:,}', (abs(cents) // 100)::bigint) || format('.{:02d}', (abs(cents) % 100)::bigint);

-- A cell as most programs write it: quotes only where the text needs them.
create or replace macro cell(value) as
    case
        when value is null then ''
        when regexp_matches(value, '[",\n\r]') then '"' || replace(value, '"', '""') || '"'
        else value
    end;

-- A cell that is always in quotes.
create or replace macro quoted_cell(value) as '"' || replace(coalesce(value, ''), '"', '""') || '"';

create or replace macro utc(seconds) as make_timestamp(seconds::bigint * 1000000);

create or replace macro local_time(seconds) as timezone('America/New_York', timezone('UTC', make_timestamp(seconds::bigint * 1000000)));

create or replace macro to_minute(moment) as strftime(moment, '%Y-%m-%d %H:%M');

create or replace macro to_second(moment) as strftime(moment, '%Y-%m-%d %H:%M:%S');

-- An id of letters and digits made from a text, the same every time.
create or replace macro token(text, length) as left(upper(md5(text)) || upper(md5(text || '+')), length);

create or replace macro user_id_of(person) as format('C-{:06d}', person + 1);

-- A number of an area code as different people type it.
create or replace macro phone_text(area, line, style) as
    case style
        when 0 then format('({}) 555-{:04d}', area, 100 + line)
        when 1 then format('{}-555-{:04d}', area, 100 + line)
        when 2 then format('+1 {} 555 {:04d}', area, 100 + line)
        when 3 then format('{}555{:04d}', area, 100 + line)
        when 4 then format('1-{}-555-{:04d}', area, 100 + line)
        else format('{}.555.{:04d}', area, 100 + line)
    end;

-- An address as different systems keep it.
create or replace macro mail_text(address, style) as
    case style
        when 1 then upper(left(address, 1)) || substr(address, 2)
        when 2 then upper(address)
        when 3 then ' ' || address
        when 4 then split_part(address, '@', 1) || '@' || upper(left(split_part(address, '@', 2), 1)) || substr(split_part(address, '@', 2), 2)
        else address
    end;

create or replace macro as_uuid(hex) as
    concat_ws('-', left(hex, 8), substr(hex, 9, 4), substr(hex, 13, 4), substr(hex, 17, 4), substr(hex, 21, 12));

create or replace macro plain_phone(area, line) as format('+1{}555{:04d}', area, 100 + line);

create or replace macro dollars(cents) as (cents::decimal(16, 0) * 0.01)::decimal(18, 2);

create or replace macro order_id_of(place, transaction_id, order_place) as
    case when place = 'store' then 'store ' || order_place else 'web ' || replace(transaction_id, '#', '') end;
