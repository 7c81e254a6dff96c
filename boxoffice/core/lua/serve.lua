-- Ends the place of a user who was served at the counter, and admits the next.
--
-- Inputs     ARGV own: user
-- Result     1 where the user waited or was admitted, else 0 (also when run again)
-- Invariant  only this user's place is ended

expire()
drop()
local user = ARGV[OWN]
local state = look(user)
if state == 'waiting' then stop_waiting(user) end
if state == 'admitted' then end_admission(user) end
admit()
return state == 'ended' and 0 or 1
