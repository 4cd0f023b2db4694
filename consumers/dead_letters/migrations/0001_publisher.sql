-- The publisher of what waits sees the rows of all consumers; every other role sees its own.
CREATE POLICY publisher ON runtime.later USING (current_user = 'easymo_dead_letters');
CREATE POLICY publisher ON runtime.claim FOR SELECT USING (current_user = 'easymo_dead_letters');
