-- Gives a place back that the server has lost, on the word of a stub whose signature was checked.
--
-- Inputs     KEYS 8 token that the stub is of; ARGV user, number, terminal, '1' if drawn
-- Result     'restored'; 'known' where the token is known, so that nothing of it was lost; 'late'
--            when nothing is being recovered, or the place was given after the loss; {'unfounded'}
-- Invariant  a user has at most one place; of two stubs the one given later holds. Numbers given
--            before the loss stand before all that are given after it.

local user = ARGV[OWN]
local stub = {number = number_in(ARGV[OWN + 1], 1, 2 ^ 53), claimed = false, latest = 0,
              terminal = number_in(ARGV[OWN + 2], 1, 2 ^ 53), since = now, drawn = ARGV[OWN + 3] == '1'}
if not (user and string.match(user, '^%d+$') and stub.number and stub.terminal) then
  return redis.error_reply('ERR restore needs a user, a number and a terminal')
end
if call('EXISTS', KEYS[8]) == 1 then return 'known' end
if line.recall then return {'unfounded'} end
local base = tonumber(call('HGET', KEY.line, 'base'))
if not recovering or stub.number > base then return 'late' end

expire()
local state, place = look(user)
if state == 'ended' then
  save_place(user, stub)
  call('ZADD', KEY.waiting, order_of(user, stub), user)
  call('ZADD', KEY.seen, text_of(now), user)
elseif stub.number == place.number then
  place.terminal = math.max(place.terminal, stub.terminal)
  save_place(user, place)
elseif place.terminal == 0 or place.number > base or stub.number > place.number then
  place.number, place.terminal, place.drawn = stub.number, stub.terminal, stub.drawn
  save_place(user, place)
  if state == 'waiting' then call('ZADD', KEY.waiting, order_of(user, place), user) end
end
call('SET', KEYS[8], user .. ':' .. text_of(stub.number) .. ':' .. text_of(stub.terminal), 'EX', TOKEN_SECONDS)
return 'restored'
