-- Functions of time that connector SQL may use; those that read text give text back, as in functions.sql.

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

-- How many minutes earlier the clocks of the zone showed the same time; null when they did not.
create or replace macro minutes_repeated(moment, local_time, zone) as
    case
        when timezone(zone, timezone('UTC', moment - interval 60 minutes)) = local_time then 60
        when timezone(zone, timezone('UTC', moment - interval 30 minutes)) = local_time then 30
        when timezone(zone, timezone('UTC', moment - interval 120 minutes)) = local_time then 120
    end;

-- A local time as a time in UTC, marked when daylight saving skips it (it is moved on by what is skipped) or repeats it (it
-- is read as the first; DuckDB reads it as the second). Clocks change at night, so other hours are not looked at.
create or replace macro marked_utc(moment, local_time, zone) as
    case
        when hour(local_time) between 5 and 20 then moment::varchar
        when utc_of(local_time + interval 3 hours, zone) - utc_of(local_time - interval 3 hours, zone) = interval 6 hours
            then moment::varchar
        when timezone(zone, timezone('UTC', moment)) <> local_time then moment::varchar || ' (clocks skip this time)'
        when minutes_repeated(moment, local_time, zone) is not null
            then (moment - to_minutes(minutes_repeated(moment, local_time, zone)))::varchar
                || ' (clocks repeat this time after ' || minutes_repeated(moment, local_time, zone) || ' minutes)'
        else moment::varchar
    end;

-- In a list of one, the local time is worked out once.
create or replace macro utc_text(value, zone) as
    case
        when has_offset(value) then coalesce(time_with_offset(value)::varchar, value || ' (form not known)')
        else list_transform([local_time(value)], lambda said:
            case
                when said is null then value || ' (form not known)'
                when zone is null then value || ' (time zone not known)'
                else coalesce(marked_utc(utc_of(said, zone), said, zone), value || ' (time zone not known)')
            end)[1]
    end;

-- The same, or whole seconds, milliseconds or microseconds since 1970.
create or replace macro time_text(value, zone) as
    case
        when regexp_full_match(value, '[0-9]{10}') then make_timestamp(try_cast(value as bigint) * 1000000)::varchar
        when regexp_full_match(value, '[0-9]{13}') then make_timestamp(try_cast(value as bigint) * 1000)::varchar
        when regexp_full_match(value, '[0-9]{16}') then make_timestamp(try_cast(value as bigint))::varchar
        else utc_text(value, zone)
    end;

-- Whole milliseconds since 1970 as text.
create or replace macro utc_text_of_millis(value) as
    coalesce(try(epoch_ms(try_cast(value as bigint)))::varchar, value);
