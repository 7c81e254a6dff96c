-- Gives up the place of a token, waiting or admitted, and admits the next.
--
-- Inputs     KEYS 8 token
-- Result     {'left', user, 1 where this token had left before}, {'ended'}, {'taken'} or {'unknown'}
-- Invariant  only the place the token was given for is given up

expire()
drop()
local user, token = owner(presented)
if not user then return {'unknown'} end
local state = look(user, token)
if state == 'taken' or (state == 'ended' and not token.left) then return {state} end
if state == 'waiting' then stop_waiting(user) end
if state == 'admitted' then end_admission(user) end
call('SET', KEYS[8], user .. ':' .. text_of(token.number) .. ':' .. text_of(token.terminal) .. ':left', 'KEEPTTL')
admit()
return {'left', user, token.left and 1 or 0}
