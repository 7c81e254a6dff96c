-- Takes a place at the end of the line, or tells about the place that the user already has.
--
-- Inputs     KEYS 8 token made for this call, 9 token presented, 10 operation key
--            ARGV user, salt of the token made, '1' where there is an operation key
-- Result     answer() and salt: '' where the presented token stays in force, else the salt
--            of the token given; then 1 where the operation key was seen before; or
--            {'reused'}, {'ended'}, {'closed'}, {'full'}
-- Invariant  a user has at most one place, an operation key makes at most one place ever,
--            and the same key always speaks of the same place

local OPERATION_SECONDS = 86400  -- never longer than a token lives
local WAITING_MAX = 5000000

local user, salt, keyed = ARGV[OWN], ARGV[OWN + 1], ARGV[OWN + 2] == '1'
if not (user and #user <= 19 and string.match(user, '^%d+$') and salt and string.match(salt, '^%x+$')) then
  return redis.error_reply('ERR join needs a user and a salt')
end

local function operation()
  local value = keyed and call('GET', KEYS[10])
  if not value then return nil end
  local op_user, number, op_salt = string.match(value, '^(%d+):(%d+):(%x*)$')
  return op_user and {user = op_user, number = tonumber(number), salt = op_salt}
end

expire()
drop()

local earlier = operation()
if earlier and earlier.user ~= user then return {'reused'} end
local state, number = look(user, earlier and earlier.number)
if state == 'ended' then
  if earlier then return {'ended'} end
  if not JOINS[set.state] then return {'closed'} end
  if call('ZCARD', KEY.waiting) >= WAITING_MAX then return {'full'} end
  number = call('HINCRBY', KEY.line, 'number', 1)
  call('ZADD', KEY.waiting, text_of(number), user)
  call('ZADD', KEY.seen, text_of(now), user)
end
admit()

local reply = answer(user, number)
if reply[1] == 'closed' or reply[1] == 'ended' then return reply end

local given = earlier and earlier.salt or ''
local shown_user, shown_number = owner(KEYS[9])
local presented = shown_user == user and shown_number == number
if not presented and given == '' then
  given = salt
  call('SET', KEYS[8], user .. ':' .. text_of(number), 'EX', TOKEN_SECONDS)
end
local record = user .. ':' .. text_of(number) .. ':' .. given
if keyed and not earlier then
  call('SET', KEYS[10], record, 'EX', OPERATION_SECONDS)
elseif keyed and given ~= earlier.salt then
  call('SET', KEYS[10], record, 'KEEPTTL')
end
reply[8] = presented and '' or given
reply[9] = earlier and 1 or 0
return reply
