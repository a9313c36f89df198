-- The golden records, and the member that stands for nobody we know.
SELECT
    customer_id,
    honorific,
    given_name,
    family_name,
    name_suffix,
    gender,
    birth_date,
    email,
    phone,
    street,
    city,
    region,
    postcode,
    country,
    credit_limit,
    credit_limit_currency,
    newsletter
FROM resolved.golden_record
UNION ALL
SELECT
    'unknown' AS customer_id,
    NULL AS honorific,
    NULL AS given_name,
    'Unknown customer' AS family_name,
    NULL AS name_suffix,
    NULL AS gender,
    NULL AS birth_date,
    NULL AS email,
    NULL AS phone,
    NULL AS street,
    NULL AS city,
    NULL AS region,
    NULL AS postcode,
    NULL AS country,
    NULL AS credit_limit,
    NULL AS credit_limit_currency,
    NULL AS newsletter
