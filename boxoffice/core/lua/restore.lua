-- Gives a place back that the server has lost, on the word of a stub whose signature was checked.
--
-- Inputs     KEYS 8 token that the stub is of, 9 payers as in payers.lua; ARGV own: user, number,
--            terminal, '1' if drawn, seconds when the stub was issued
-- Result     'restored'; 'known' where the token is known, so that nothing of it was lost; 'late'
--            when nothing is being recovered, or the place was given after the loss; 'old' for a
--            stub whose token nobody used for a day; 'paid' for a place that a payment ended;
--            {'unfounded'}
-- Invariant  a user has at most one place; of two stubs the one given later holds. Numbers given
--            before the loss stand before all that are given after it.

-- What a payment's time takes to get here; and who paid so soon after coming had nobody before him.
local PAID_DOUBT_MS = 30000

local user = ARGV[OWN]
local stub = {number = number_in(ARGV[OWN + 1], 1, 2 ^ 53), claimed = false, latest = 0,
              terminal = number_in(ARGV[OWN + 2], 1, 2 ^ 53), since = now, drawn = ARGV[OWN + 3] == '1'}
local issued_ms = (number_in(ARGV[OWN + 4], 0, 2 ^ 40) or -1) * 1000
if not (user and string.match(user, '^%d+$') and stub.number and stub.terminal and issued_ms >= 0) then
  return redis.error_reply('ERR restore needs a user, a number, a terminal and a time')
end
if call('EXISTS', KEYS[8]) == 1 then return 'known' end
if line.recall then return {'unfounded'} end
local base, lost_at = unpack(call('HMGET', KEY.line, 'base', 'lost_at'))
base = tonumber(base)
if not recovering or stub.number > base then return 'late' end
if issued_ms < tonumber(lost_at or line.recover_from) - TOKEN_SECONDS * 1000 then return 'old' end
local paid = tonumber(call('ZSCORE', KEYS[9], user))
if paid and issued_ms + PAID_DOUBT_MS < paid then return 'paid' end

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
