SELECT customer_id, given_name, family_name, email FROM resolved.golden_record
