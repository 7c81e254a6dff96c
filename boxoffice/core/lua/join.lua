-- Takes a place at the end of the line, or tells about the place that the user already has.
--
-- Inputs     KEYS 8 token made for this call, 9 token presented, 10 operation key
--            ARGV user, salt of the token made, '1' where there is an operation key, '1' to take
--            a place over from another terminal, database that the user's number is of ('': not said)
-- Result     answer() and salt: '' where the presented token stays in force, else the salt
--            of the token given; 1 where the operation key was seen before; and append_stub().
--            Or {'foreign'}, {'reused'}, {'ended'}, {'taken'}, {'closed'}, {'full'},
--            {'unfounded'}, {'held', since ms}
-- Invariant  a user has at most one place and a place one terminal, an operation key makes at most
--            one place ever, and the same key always speaks of the same place

local OPERATION_SECONDS = 86400  -- never longer than a token lives
local WAITING_MAX = 5000000

local user, salt, keyed, take_over, database =
  ARGV[OWN], ARGV[OWN + 1], ARGV[OWN + 2] == '1', ARGV[OWN + 3] == '1', ARGV[OWN + 4]
if not (user and #user <= 19 and string.match(user, '^%d+$') and salt and string.match(salt, '^%x+$')) then
  return redis.error_reply('ERR join needs a user and a salt')
end
local own_database, seed = unpack(call('HMGET', KEY.line, 'database', 'seed'))
if database ~= '' and database ~= own_database then return {'foreign'} end

local function operation()
  local value = keyed and call('GET', KEYS[10])
  if not value then return nil end
  local op_user, number, terminal, op_salt = string.match(value, '^(%d+):(%d+):(%d+):(%x*)$')
  return op_user and {user = op_user, number = tonumber(number), terminal = tonumber(terminal), salt = op_salt}
end

expire()
drop()

local earlier = operation()
if earlier and earlier.user ~= user then return {'reused'} end
local state, place = look(user, earlier)

local function speaks_for_place(token_key)
  local token_user, token = owner(call('GETEX', token_key, 'EX', TOKEN_SECONDS))
  return token_user == user and not token.left
    and token.number == place.number and token.terminal == place.terminal
end

local presented = false
if state == 'taken' or (state == 'ended' and earlier) then
  return {state}
elseif state == 'ended' then
  if not JOINS[set.configured] then return {'closed'} end
  -- Until Postgres has been asked, nobody knows which numbers others may still come with.
  if line.recall then return {'unfounded'} end
  local waiting = call('ZCARD', KEY.waiting)
  if waiting >= WAITING_MAX then return {'full'} end
  -- A line forms with whoever finds nobody waiting: what was admitted before says little of it.
  if waiting == 0 then call('HSET', KEY.line, 'formed', text_of(now)) end
  place = {number = call('HINCRBY', KEY.line, 'number', 1), claimed = false, latest = 0,
           terminal = 1, since = now, drawn = set.configured == 'pre' and seed ~= false}
  save_place(user, place)
  call('ZADD', KEY.waiting, order_of(user, place), user)
  call('ZADD', KEY.seen, text_of(now), user)
else
  presented = speaks_for_place(KEYS[9])
  -- The token made for this call is known where the call is repeated for a lost answer.
  if not earlier and not presented and not speaks_for_place(KEYS[8]) then
    if place.terminal > 0 and not take_over then return {'held', text_of(place.since)} end
    place.terminal, place.since = place.terminal + 1, now
    save_place(user, place)
  end
end
admit()

local reply = answer(user, place)
if #reply == 1 then return reply end

local given = earlier and earlier.salt or ''
local owned = user .. ':' .. text_of(place.number) .. ':' .. text_of(place.terminal)
if not presented and given == '' then
  given = salt
  call('SET', KEYS[8], owned, 'EX', TOKEN_SECONDS)
end
if keyed and not earlier then
  call('SET', KEYS[10], owned .. ':' .. given, 'EX', OPERATION_SECONDS)
elseif keyed and given ~= earlier.salt then
  call('SET', KEYS[10], owned .. ':' .. given, 'KEEPTTL')
end
reply[8] = presented and '' or given
reply[9] = earlier and 1 or 0
append_stub(reply, place)
return reply
