-- The golden records, and the member that stands for nobody we know.
SELECT
    customer_id,
    honorific,
    given_name,
    family_name,
    birth_date,
    gender,
    email,
    marital_status,
    children,
    education,
    occupation,
    is_home_owner,
    annual_income,
    annual_income_currency
FROM resolved.golden_record
UNION ALL
SELECT
    'unknown' AS customer_id,
    NULL AS honorific,
    NULL AS given_name,
    'Unknown customer' AS family_name,
    NULL AS birth_date,
    NULL AS gender,
    NULL AS email,
    NULL AS marital_status,
    NULL AS children,
    NULL AS education,
    NULL AS occupation,
    NULL AS is_home_owner,
    NULL AS annual_income,
    NULL AS annual_income_currency
