WITH version AS (
    SELECT
        customer_key,
        customer_id,
        CASE WHEN version = 1 THEN DATE '0001-01-01' ELSE valid_from END AS first_day,
        coalesce(lead(valid_from) OVER (PARTITION BY customer_id ORDER BY version), DATE '9999-12-31') AS next_version
    FROM mart.dim_customer
),
known AS (
    SELECT
        l.*,
        coalesce(x.customer_id, 'unknown') AS customer_id,
        coalesce(g.geography_key, u.geography_key) AS geography_key,
        s.source_system_key
    FROM standardized.leads AS l
    LEFT JOIN resolved.xref AS x ON x.source = l._source AND x.source_key = l._source_key
    LEFT JOIN mart.dim_geography AS g ON g.country = l.country AND g.city = l.city
    INNER JOIN mart.dim_geography AS u ON u.country = 'unknown' AND u.city = 'unknown'
    INNER JOIN mart.dim_source AS s ON s.source_name = l._source
)
SELECT
    k.lead_number,
    k.sheet,
    v.customer_key,
    k.geography_key,
    k.source_system_key,
    k.sales_person,
    k.interest,
    k.stage,
    k.created_on,
    k.contacted_on,
    k.qualified_on,
    k.proposed_on,
    k.closed_on,
    CAST(k.contacted_on - k.created_on AS BIGINT) AS days_to_contact,
    CAST(k.closed_on - k.created_on AS BIGINT) AS days_to_close,
    k.expected_value,
    coalesce(k.stage = 'Won', false) AS is_won,
    coalesce(k.stage = 'Lost', false) AS is_lost
FROM known AS k
INNER JOIN version AS v
    ON
        v.customer_id = k.customer_id
        AND coalesce(k.created_on, DATE '9999-12-30') >= v.first_day
        AND coalesce(k.created_on, DATE '9999-12-30') < v.next_version
