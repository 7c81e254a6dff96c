-- What is acknowledged is on disk: nobody connects with a weaker setting.
--
-- The session says what the server, this database and this role come to; the others are found
-- where they are set.

SELECT name AS setting, 'session' AS role, format('%%s is %%s', name, setting) AS detail
FROM pg_settings
WHERE (name = 'synchronous_commit' AND setting NOT IN ('on', 'remote_apply'))
   OR (name = 'fsync' AND setting <> 'on')
UNION ALL
SELECT split_part(line, '=', 1), coalesce(r.rolname, 'everybody'),
       format('set for %%s in %%s', coalesce(r.rolname, 'everybody'),
              coalesce(d.datname, 'every database'))
FROM pg_db_role_setting s
CROSS JOIN unnest(s.setconfig) AS line
LEFT JOIN pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE split_part(line, '=', 1) = 'synchronous_commit'
  AND split_part(line, '=', 2) NOT IN ('on', 'remote_apply', 'true', 'yes', '1')
  AND (s.setdatabase = 0 OR d.datname = current_database())
