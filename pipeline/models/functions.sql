-- Functions that models and readers of the published file share.

-- Wilson score interval of k of n at 95 % (E. B. Wilson, 1927); null when n is 0.
create or replace macro wilson_low(k, n) as
    case when n > 0 then greatest(0.0,
        (k / n + 1.9207294 / n - 1.959964 * sqrt((k / n) * (1 - k / n) / n + 0.9603647 / n / n)) / (1 + 3.8414588 / n)) end;

create or replace macro wilson_high(k, n) as
    case when n > 0 then least(1.0,
        (k / n + 1.9207294 / n + 1.959964 * sqrt((k / n) * (1 - k / n) / n + 0.9603647 / n / n)) / (1 + 3.8414588 / n)) end;
