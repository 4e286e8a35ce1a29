-- Stands for pgcrypto, which PostgreSQL has only where it was built with OpenSSL: identifiers, random bytes and hashes.
-- Without SHA-1, and without crypt and everything that encrypts.
CREATE FUNCTION gen_random_uuid() RETURNS uuid VOLATILE PARALLEL SAFE LANGUAGE sql RETURN pg_catalog.gen_random_uuid();
CREATE FUNCTION gen_random_bytes(count int) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT substr(string_agg(sha256(uuid_send(pg_catalog.gen_random_uuid()) || uuid_send(pg_catalog.gen_random_uuid())), NULL),
    1, count)
  FROM generate_series(0, count / 32)
$$;
CREATE FUNCTION digest(data bytea, type text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
  CASE lower(type)
    WHEN 'md5' THEN RETURN decode(md5(data), 'hex');
    WHEN 'sha224' THEN RETURN sha224(data);
    WHEN 'sha256' THEN RETURN sha256(data);
    WHEN 'sha384' THEN RETURN sha384(data);
    WHEN 'sha512' THEN RETURN sha512(data);
    ELSE RAISE 'Cannot use "%": No such hash algorithm', type USING ERRCODE = 'invalid_parameter_value';
  END CASE;
END
$$;
CREATE FUNCTION digest(data text, type text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT @extschema@.digest(convert_to(data, 'UTF8'), type)
$$;
CREATE FUNCTION hmac(data bytea, key bytea, type text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
  size int := CASE WHEN lower(type) IN ('sha384', 'sha512') THEN 128 ELSE 64 END;
  padded bytea := CASE WHEN length(key) > size THEN @extschema@.digest(key, type) ELSE key END;
  inner_key bytea;
  outer_key bytea;
BEGIN
  padded := padded || decode(repeat('00', size - length(padded)), 'hex');
  inner_key := padded;
  outer_key := padded;
  FOR place IN 0 .. size - 1 LOOP
    inner_key := set_byte(inner_key, place, get_byte(padded, place) # 54);
    outer_key := set_byte(outer_key, place, get_byte(padded, place) # 92);
  END LOOP;
  RETURN @extschema@.digest(outer_key || @extschema@.digest(inner_key || data, type), type);
END
$$;
CREATE FUNCTION hmac(data text, key text, type text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT @extschema@.hmac(convert_to(data, 'UTF8'), convert_to(key, 'UTF8'), type)
$$;
