-- The sales teams ask: how far do the leads of each regional sheet come, how long does it take, and what is still open?
SELECT
    sheet,
    count(*) AS leads,
    count(contacted_on) AS contacted,
    count(qualified_on) AS qualified,
    count(proposed_on) AS offered,
    sum(CASE WHEN is_won THEN 1 ELSE 0 END) AS won,
    CAST(round(100.0 * sum(CASE WHEN is_won THEN 1 ELSE 0 END) / nullif(count(closed_on), 0), 1) AS DECIMAL(9, 1)) AS won_of_closed_percent,
    CAST(round(avg(CASE WHEN is_won THEN days_to_close END), 0) AS BIGINT) AS days_to_win,
    CAST(sum(CASE WHEN closed_on IS NULL THEN expected_value ELSE 0 END) AS DECIMAL(18, 2)) AS open_value_usd
FROM fact_lead
GROUP BY sheet
ORDER BY sheet
