-- Ends an operation of a token that nobody was given, before anything is written: made-up
-- concerts must not leave keys behind.
--
-- Inputs     KEYS 8 token
-- Result     {'unknown'}, or goes on with the operation
-- Invariant  writes nothing

if redis.call('EXISTS', KEYS[8]) == 0 then return {'unknown'} end
