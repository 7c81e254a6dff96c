-- Ends an admission whose payment has been committed, and admits the next.
--
-- Inputs     KEYS 8 token
-- Result     1 where a live admission was ended, else 0 (also when run again)
-- Invariant  ends the admission the token was given for and no later one; a waiting place stays

expire()
drop()
local user, token = owner(presented)
local ended = 0
if user and look(user, token) == 'admitted' then
  end_admission(user)
  ended = 1
end
admit()
return ended
