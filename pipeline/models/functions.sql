-- Functions that models and report pages share. Intervals are at 95 %.

-- Wilson score interval of k of n (E. B. Wilson 1927); null when n is 0. Models use share_low and share_high below.
create or replace macro wilson_low(k, n) as
    case when n > 0 then greatest(0.0,
        (k / n + 1.9207294 / n - 1.959964 * sqrt((k / n) * (1 - k / n) / n + 0.9603647 / n / n)) / (1 + 3.8414588 / n)) end;

-- Probability of k or more hits over that of k hits, where a hit has probability exp(u).
create or replace macro binomial_tail(k, n, u) as
    list_sum(list_transform(range(k, n + 1), lambda i: exp(
        lgamma(k + 1) + lgamma(n - k + 1) - lgamma(i + 1) - lgamma(n - i + 1) + (i - k) * (u - ln(1 - exp(u))))));

-- The p at which k or more hits of n have a probability of 2.5 %, for 0 < k < n. Three Newton steps on the logarithms of
-- both, between which the tail of a binomial is almost a straight line, from Wilson's bound: right to nine digits.
create or replace macro exact_low(k, n) as
    exp(list_reduce(range(3), lambda u, step:
        u - binomial_tail(k, n, u) / k * (
            lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * u + (n - k) * ln(1 - exp(u))
            + ln(binomial_tail(k, n, u)) - ln(0.025)),
        ln(wilson_low(k, n))));

-- The interval of a share, k of n: exact (Clopper and Pearson 1934) on at most 100 cases and when none or all hit, else
-- the score interval; null when n is 0.
create or replace macro share_low(k, n) as
    case
        when n <= 0 then null
        when k <= 0 then 0.0
        when k >= n then 0.025 ** (1.0 / n)
        when n > 100 then wilson_low(k, n)
        else exact_low(cast(k as bigint), cast(n as bigint))
    end;

create or replace macro share_high(k, n) as 1 - share_low(n - k, n);

-- The interval of a share of a sum: `part` of `whole`, whose cases squared add up to `squares`. The score interval on the
-- effective number of cases, whole² / squares (Kish 1965): one large case says less than many small ones.
create or replace macro part_low(part, whole, squares) as
    case when whole > 0 and squares > 0 then wilson_low(
        least(greatest(cast(part as double) / whole, 0), 1) * (cast(whole as double) * whole / squares),
        cast(whole as double) * whole / squares) end;

create or replace macro part_high(part, whole, squares) as 1 - part_low(whole - part, whole, squares);

-- Weight of a touch that depends on its place among those that earn credit; weights need not add up to anything.
create or replace macro placed_weight(place, places, first, middle, last) as
    case when places = 1 then 1.0 when place = 1 then first when place = places then last else middle / (places - 2) end;

-- Group 0 to 255 of people that are drawn as one when intervals are worked out; who is in which is chance.
create or replace macro person_group(customer) as cast(hash(customer) % 256 as smallint);

-- Share of an order earned by a touch and all before it; equal shares where every weight is nothing.
create or replace macro share_upto(weight_upto, weight_of_all, place, places) as
    case when place = places then 1.0 when weight_of_all > 0 then least(weight_upto / weight_of_all, 1.0) else place / places end;

-- The same of all touches before it.
create or replace macro share_before(weight_before, weight_of_all, place, places) as
    case when place = 1 then 0.0 else share_upto(weight_before, weight_of_all, place - 1, places) end;

-- A weight of up to 1 as a whole number.
create or replace macro whole_weight(weight) as cast(round(weight * 1e18) as bigint);

-- The same share where weights depend on the place alone, of the first `place` touches; 0 is before the first.
create or replace macro placed_share(place, places, first, middle, last) as
    case
        when place = 0 then 0.0
        when places <= 2 then share_upto(first, first + last, place, places)
        else share_upto(first + middle * (place - 1) / (places - 2), first + middle + last, place, places)
    end;

-- J shape: most to the last touch. The inverse is the same, counted from the other end.
create or replace macro j_share(place, places, last_of_two) as
    case when places = 2 then placed_share(place, 2, 1 - last_of_two, 0.0, last_of_two)
        else placed_share(place, places, 0.2, 0.2, 0.6) end;

-- Part of an order between two running shares; rounded where the parts meet, so that they add up to 1.
create or replace macro share_between(share_before, share_upto) as
    cast(share_upto as decimal(18, 12)) - cast(share_before as decimal(18, 12));

-- Money of the part of an order between two running shares; rounded where the parts meet, so that they add up to it.
create or replace macro money_between(amount, share_before, share_upto) as
    cast(amount * share_upto as decimal(18, 6)) - cast(amount * share_before as decimal(18, 6));

-- What became of a stop within some days: where the next purchase was made, not, or open while those days run.
create or replace macro drop_outcome(stopped_at, bought_at, sold_in, seen_for, days) as
    case
        when seen_for <= days * interval 1 day then 'open'
        when bought_at <= stopped_at + days * interval 1 day then sold_in
        else 'not'
    end;

-- Where an order was made: online, store, or other (by phone, from the sales desk, not known).
create or replace macro sold_in(sale_channel) as
    case when sale_channel in ('web', 'marketplace') then 'online' when sale_channel = 'store' then 'store' else 'other' end;

-- The value of one of the columns of core.touchpoints that funnels may be told apart by, as text.
create or replace macro touchpoint_text(name, touchpoint) as
    case name
        when 'channel' then touchpoint.channel
        when 'source' then touchpoint.source
        when 'medium' then touchpoint.medium
        when 'campaign' then touchpoint.campaign
        when 'content' then touchpoint.content
        when 'term' then touchpoint.term
        when 'interaction' then touchpoint.interaction
        when 'event_name' then touchpoint.event_name
        when 'source_system' then touchpoint.source_system
        when 'page_path' then touchpoint.page_path
        when 'product_ref' then touchpoint.product_ref
        when 'device_category' then touchpoint.device_category
        when 'country' then touchpoint.country
        when 'region' then touchpoint.region
        when 'location_ref' then touchpoint.location_ref
        when 'agent_ref' then touchpoint.agent_ref
        when 'experiment' then touchpoint.experiment
        when 'variant' then touchpoint.variant
    end;

-- A campaign's name without capitals and without what stands between its words: "Autumn Sale" and autumn_sale are one.
create or replace macro campaign_key(name) as
    coalesce(nullif(regexp_replace(lower(name), '[^\p{L}\p{N}]', '', 'g'), ''), trim(name));
