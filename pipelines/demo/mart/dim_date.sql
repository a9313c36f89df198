-- Whole years, so that a month without a sale is a row with zero and not a gap.
WITH span AS (
    SELECT
        CAST(date_trunc('year', min(order_date)) AS DATE) AS first_day,
        CAST(date_trunc('year', max(order_date)) + INTERVAL '1 year' - INTERVAL '1 day' AS DATE) AS last_day
    FROM standardized.web_orders
),
days AS (
    SELECT CAST(unnest(generate_series(first_day, last_day, INTERVAL '1 day')) AS DATE) AS full_date
    FROM span
),
parts AS (
    SELECT
        full_date,
        CAST(date_part('year', full_date) AS BIGINT) AS year,
        CAST(date_part('quarter', full_date) AS BIGINT) AS quarter,
        CAST(date_part('month', full_date) AS BIGINT) AS month,
        CAST(date_part('day', full_date) AS BIGINT) AS day,
        CAST(date_part('isodow', full_date) AS BIGINT) AS weekday,
        CAST(date_part('isoyear', full_date) AS BIGINT) AS iso_year,
        CAST(date_part('week', full_date) AS BIGINT) AS iso_week
    FROM days
)
SELECT
    full_date,
    year,
    quarter,
    month,
    CASE month
        WHEN 1 THEN 'January' WHEN 2 THEN 'February' WHEN 3 THEN 'March' WHEN 4 THEN 'April'
        WHEN 5 THEN 'May' WHEN 6 THEN 'June' WHEN 7 THEN 'July' WHEN 8 THEN 'August'
        WHEN 9 THEN 'September' WHEN 10 THEN 'October' WHEN 11 THEN 'November' ELSE 'December'
    END AS month_name,
    day,
    weekday,
    CASE weekday
        WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday' WHEN 4 THEN 'Thursday'
        WHEN 5 THEN 'Friday' WHEN 6 THEN 'Saturday' ELSE 'Sunday'
    END AS weekday_name,
    weekday >= 6 AS is_weekend,
    iso_year,
    iso_week
FROM parts
