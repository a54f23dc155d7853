-- Histograms that merge: the arithmetic of Prometheus native histograms, schema 3, in plain SQL.
--
-- A bucket's upper bound is a power of g = 2^(1/8); bucket i holds (g^(i-1), g^i]. Two histograms merge by adding the
-- counts of equal buckets, in any order. Whatever was merged, a percentile read from the counts is within
-- (g - 1) / (g + 1) = 4.33 % of the exact one (nearest rank, as percentile_disc gives it).
--
-- A bucket goes by its key, a smallint whose order is the order of the values:
--     key = sign(value) * (16384 + i), and 0 for |value| < 2^-128, Prometheus' default zero bucket.
-- NaN, the infinities, and values beyond 1e290 in size are not in a histogram: they are counted apart, the last as
-- infinities of their sign, because a sum of such values would overflow and stop the roll-up for everybody.

-- migrate:up
CREATE FUNCTION cygni.histogram_key(value double precision) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- 11.54… is 8 / ln 2. The 1e-9 keeps exact powers of g in the bucket they bound, where ln() rounds up.
RETURN CASE
    WHEN abs(value) < 2.938735877055719e-39 THEN 0
    ELSE sign(value) * (16384 + ceil(ln(abs(value)) * 11.541560327111707 - 1e-9))
END::smallint;
COMMENT ON FUNCTION cygni.histogram_key(double precision) IS
    'The key of the histogram bucket that a finite value falls into; keys order as values do.';

CREATE FUNCTION cygni.histogram_value(key smallint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- 2 / (g + 1) of the upper bound is equally far, in proportion, from both ends of the bucket.
RETURN CASE
    WHEN key = 0 THEN 0
    ELSE sign(key::double precision) * power(2::double precision, (abs(key::integer) - 16384) / 8.0::double precision) * 0.9567053825006107
END;
COMMENT ON FUNCTION cygni.histogram_value(smallint) IS
    'The value that stands for all values of a histogram bucket, at most 4.33 % off any of them.';

CREATE FUNCTION cygni.histogram_quantile(
    quantile double precision, keys smallint[], counts bigint[],
    least_value double precision DEFAULT NULL, greatest_value double precision DEFAULT NULL
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT least(greatest(cygni.histogram_value(min(running.key) FILTER (WHERE running.below >= quantile * running.total)),
        least_value), greatest_value)
    FROM (
        SELECT bucket.key, sum(bucket.count) OVER (ORDER BY bucket.key) AS below, sum(bucket.count) OVER () AS total
        FROM unnest(keys, counts) AS bucket (key, count)
    ) AS running;
END;
COMMENT ON FUNCTION cygni.histogram_quantile(double precision, smallint[], bigint[], double precision, double precision) IS
    'The quantile (0 to 1, nearest rank) of a histogram, within 4.33 % of the exact one; kept between the least and greatest value where they are given.';

REVOKE ALL ON FUNCTION cygni.histogram_key(double precision), cygni.histogram_value(smallint),
    cygni.histogram_quantile(double precision, smallint[], bigint[], double precision, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cygni.histogram_key(double precision), cygni.histogram_value(smallint),
    cygni.histogram_quantile(double precision, smallint[], bigint[], double precision, double precision)
    TO cygni_jobs, cygni_app;

-- migrate:down
DROP FUNCTION cygni.histogram_quantile(double precision, smallint[], bigint[], double precision, double precision);
DROP FUNCTION cygni.histogram_value(smallint);
DROP FUNCTION cygni.histogram_key(double precision);
