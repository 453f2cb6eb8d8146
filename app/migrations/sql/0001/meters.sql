-- What a meter means never changes: usage was reported, and days were counted by it. What it is called may.

CREATE TRIGGER unchanged BEFORE DELETE OR UPDATE OF key, aggregation ON meter
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
