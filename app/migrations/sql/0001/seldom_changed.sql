-- Every process is told when something changed that it may have in its memory: who may do what (access_token but for
-- its last use, user_account, membership, staff_assignment), and the catalog.
-- Reads and writes nothing.

CREATE FUNCTION tell_of_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify('seldom_changed', TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE TRIGGER told AFTER DELETE OR UPDATE OF revoked_at, expires_at, scopes, role, two_factors, user_id, account_id
    ON access_token FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('viewers');

CREATE TRIGGER told AFTER DELETE OR UPDATE ON user_account
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('viewers');

CREATE TRIGGER told AFTER INSERT OR DELETE OR UPDATE ON membership
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('viewers');

CREATE TRIGGER told AFTER INSERT OR DELETE OR UPDATE ON staff_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('viewers');

CREATE TRIGGER told AFTER INSERT OR UPDATE ON edition
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('catalog');

CREATE TRIGGER told AFTER INSERT OR UPDATE ON meter
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('catalog');

CREATE TRIGGER told AFTER INSERT OR UPDATE ON price_plan
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change('catalog');
