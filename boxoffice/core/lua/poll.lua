-- Tells where the owner of a token stands, after moving the line, and gives a fresh stub where
-- the one shown is old.
--
-- Inputs     KEYS 8 token; ARGV own: seconds when the stub shown says to be issued, '' for none
-- Result     answer(), with stub_of() at its end where it is to be fresh; or {'unknown'},
--            {'ended'}, {'taken'}, {'closed'}
-- Invariant  a token speaks only of the place it was given for, never of a later one

local STUB_SECONDS = 3600  -- a small part of TOKEN_SECONDS: what is left may be spent in an outage

settle()
local user, token = owner(presented)
if not user then return {'unknown'} end
local reply, place = answer(user, token)
local issued = tonumber(ARGV[OWN])
local age = issued and now / 1000 - issued
if #reply > 1 and age and (age < 0 or age >= STUB_SECONDS) then append_stub(reply, place) end
return reply
