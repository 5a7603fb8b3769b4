-- Queries of the room sfa.accounts.

-- name: owner
-- The account of a studio of one person.
select id as value from accounts order by created_at, id limit 1;
