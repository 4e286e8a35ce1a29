-- Stands for uuid-ossp, which PostgreSQL has only where it was built with a library for UUIDs. Without uuid_generate_v5:
-- core PostgreSQL has no SHA-1.
CREATE FUNCTION uuid_nil() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN '00000000-0000-0000-0000-000000000000'::uuid;
CREATE FUNCTION uuid_ns_dns() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_url() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_oid() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_ns_x500() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;
CREATE FUNCTION uuid_generate_v4() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
  RETURN gen_random_uuid();
-- Hundreds of nanoseconds since 1582-10-15; a random node, as uuid_generate_v1mc has (RFC 9562, 5.1 and 6.10).
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT (substr(t, 9) || substr(t, 5, 4) || '1' || substr(t, 2, 3) || substr(r, 17, 5) || 'b' || substr(r, 23))::uuid
  FROM (SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 122192928000000000), 16, '0') AS t,
    replace(gen_random_uuid()::text, '-', '') AS r) AS parts
$$;
CREATE FUNCTION uuid_generate_v1() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT @extschema@.uuid_generate_v1mc()
$$;
CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT (substr(h, 1, 12) || '3' || substr(h, 14, 3) || to_hex(('x' || substr(h, 17, 2))::bit(8)::int & 63 | 128)
    || substr(h, 19))::uuid
  FROM (SELECT md5(uuid_send(namespace) || convert_to(name, 'UTF8')) AS h) AS hash
$$;
