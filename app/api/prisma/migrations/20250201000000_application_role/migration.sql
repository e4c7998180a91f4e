-- What the application may do. Its logins are members of this role; src/application-login.js makes them.
DO $$
BEGIN
  -- A role is the server's: another database of it may have made this one.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'application') THEN
    CREATE ROLE application NOLOGIN;
    -- From PostgreSQL 16 on, who makes a role may administer it. Before, CREATEROLE was enough, and an upgrade keeps
    -- only what was granted.
    IF current_setting('server_version_num')::int < 160000 THEN
      GRANT application TO CURRENT_USER WITH ADMIN OPTION;
    END IF;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO application', current_database());
END
$$;

-- Before PostgreSQL 15 everybody may make tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO application;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO application;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO application;
-- The same of what later migrations make; one that wants less says so itself.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO application;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO application;

-- The history of the migrations is not the application's. Prisma's shadow database has none.
DO $$
BEGIN
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    REVOKE ALL ON _prisma_migrations FROM application;
  END IF;
END
$$;
