-- Ends an operation of a token that nobody was given, before anything is written: made-up
-- concerts must not leave keys behind.
--
-- Inputs     KEYS 8 token
-- Result     {'unknown'}, or defines presented: what the token's key says; goes on with the operation
-- Invariant  writes nothing, but a token that is known lives a day more

local presented = redis.call('GETEX', KEYS[8], 'EX', 86400)  -- TOKEN_SECONDS of prelude.lua
if not presented then return {'unknown'} end
