\getenv service_user SERVICE_USER
\getenv service_password SERVICE_PASSWORD
SELECT pg_advisory_lock(1764000001);
SELECT format('CREATE ROLE %I', :'service_user')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service_user') \gexec
ALTER ROLE :"service_user" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'service_password';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"service_user";
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', oid::regclass, :'service_user') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
AND pg_has_role(relowner, 'USAGE') \gexec
SELECT format('GRANT USAGE, SELECT ON SEQUENCE %s TO %I', oid::regclass, :'service_user') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND pg_has_role(relowner, 'USAGE') \gexec
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"service_user";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"service_user";
