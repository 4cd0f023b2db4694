-- For tables to which rows are only ever added: with this trigger on a table nobody changes or removes a row,
-- and whoever migrates takes the rights to do so from the domain's role (infra/postgres/migrations.py).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is only ever added to', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
