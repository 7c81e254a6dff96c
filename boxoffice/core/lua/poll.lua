-- Tells where the owner of a token stands, after moving the line.
--
-- Inputs     KEYS 8 token
-- Result     answer(), or {'unknown'}, {'ended'}, {'taken'}, {'closed'}
-- Invariant  a token speaks only of the place it was given for, never of a later one

settle()
local user, token = owner(KEYS[8])
if not user then return {'unknown'} end
return answer(user, token)
