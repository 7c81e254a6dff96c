-- What every operation of the queue begins with: its settings, its clock, and the steps
-- that move the line. Each operation file is run after this one, as one script.
--
-- Inputs     KEYS 1-7 of one concert: settings HASH, line HASH, waiting ZSET (user ->
--            number), admitted ZSET (user -> end, ms), places HASH (admitted user ->
--            number:claimed:latest end, ms), seen ZSET (waiting user -> last seen, ms), pace HASH
--            ARGV 1-10 default settings in the order of SETTINGS; from OWN on the operation's
-- Result     none; defines what the operations use
-- Invariant  admitting never takes the admitted above the capacity, nor a user out of the
--            waiting before he stands among the admitted; no user is in both; numbers only
--            grow; time never goes back. Absent and ended users go before anybody is admitted.

local call = redis.call
local KEY = {settings = KEYS[1], line = KEYS[2], waiting = KEYS[3], admitted = KEYS[4],
             places = KEYS[5], seen = KEYS[6], pace = KEYS[7]}
local SETTINGS = {'capacity', 'rate_per_minute', 'burst', 'admission_seconds',
                  'admission_seconds_max', 'claim_seconds', 'absence_seconds',
                  'poll_near_seconds', 'poll_middle_seconds', 'poll_far_seconds'}
local OWN = #SETTINGS + 1
local SETTING_MAX = 1e9
local EXPIRE_MAX, DROP_MAX, ADMIT_MAX = 1000, 200, 200  -- users in one call
local MINUTE_MS = 60000
local PACE_MINUTES, PACE_MS_MIN = 5, 30000
local TOKEN_SECONDS = 86400  -- a token is known for a day after its last use

local JOINS = {pre = true, open = true, paused = true}
local ADMITS = {open = true, drain = true}
-- Before the start and while closed nobody needs to come back to keep the place.
local DROPS = {open = true, paused = true, drain = true}
local STATES = {closed = true, pre = true, open = true, paused = true, drain = true}

local function number_in(text, low, high)
  local number = tonumber(text)
  if number and number >= low and number <= high then return number end
  return nil  -- also for nan, which is in no range
end

local function text_of(number)  -- Lua's own .. writes 1e+15
  return string.format('%.0f', number)
end

local set = {}
local stored = call('HMGET', KEY.settings, 'state', unpack(SETTINGS))
set.state = stored[1] or 'open'
if not STATES[set.state] then set.state = 'closed' end
for index, name in ipairs(SETTINGS) do
  local value = number_in(stored[index + 1], 0, SETTING_MAX) or number_in(ARGV[index], 0, SETTING_MAX)
  if not value then return redis.error_reply('ERR queue setting ' .. name .. ' is no number') end
  set[name] = value
end

local line = call('HMGET', KEY.line, 'time', 'state', 'since', 'bucket', 'bucket_time')
local clock = call('TIME')
local last = tonumber(line[1]) or 0
local now = math.max(tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000), last)
if now > last then call('HSET', KEY.line, 'time', text_of(now)) end

-- A change of state starts the absence of everybody anew, and the estimate.
local since = tonumber(line[3]) or now
if line[2] ~= set.state then
  since = now
  call('HSET', KEY.line, 'state', set.state, 'since', text_of(since))
  call('DEL', KEY.pace)
end
local absence_ms = set.absence_seconds * 1000
local absent_before = (DROPS[set.state] and now - since >= absence_ms) and now - absence_ms or -1

-- The user and the number of the place that a token was given for; nil if unknown.
local function owner(token_key)
  local value = call('GETEX', token_key, 'EX', TOKEN_SECONDS)
  if not value then return nil end
  local user, number, left = string.match(value, '^(%d+):(%d+)(:?%a*)$')
  return user, tonumber(number), left == ':left'
end

local function end_admission(user)
  call('ZREM', KEY.admitted, user)
  call('HDEL', KEY.places, user)
end

local function stop_waiting(user)
  call('ZREM', KEY.waiting, user)
  call('ZREM', KEY.seen, user)
end

local function is_absent(user)
  local seen = tonumber(call('ZSCORE', KEY.seen, user))
  return seen ~= nil and seen <= absent_before
end

local function expire()
  local ended = call('ZRANGE', KEY.admitted, '-inf', text_of(now), 'BYSCORE', 'LIMIT', 0, EXPIRE_MAX)
  for _, user in ipairs(ended) do end_admission(user) end
end

local function drop()
  if absent_before < 0 then return end
  local absent = call('ZRANGE', KEY.seen, '-inf', text_of(absent_before), 'BYSCORE', 'LIMIT', 0, DROP_MAX)
  for _, user in ipairs(absent) do stop_waiting(user) end
end

-- Token bucket. Its clock advances only by the time that became whole admissions, so that
-- calls more frequent than the rate do not round every one of them down to nothing.
local function allowance()
  local interval_ms = MINUTE_MS / set.rate_per_minute
  local burst = math.floor(set.burst)
  local bucket, bucket_time = tonumber(line[4]), tonumber(line[5])
  if not bucket or not bucket_time then return burst, now end
  local earned = math.floor((now - bucket_time) / interval_ms)
  if bucket + earned >= burst then return burst, now end
  return bucket + earned, bucket_time + earned * interval_ms
end

-- Admissions are counted by minute in a ring, for the estimate.
local function note_pace(count)
  local minute = math.floor(now / MINUTE_MS)
  local slot = minute % (PACE_MINUTES + 1)
  local then_minute, so_far = string.match(call('HGET', KEY.pace, slot) or '', '^(%d+):(%d+)$')
  if tonumber(then_minute) == minute then count = count + tonumber(so_far) end
  call('HSET', KEY.pace, slot, text_of(minute) .. ':' .. text_of(count))
end

-- Admits one head of the line; it must claim the admission by coming back in time.
local function take(user, number)
  if call('ZSCORE', KEY.admitted, user) or is_absent(user) then
    stop_waiting(user)
    return 0
  end
  call('ZADD', KEY.admitted, text_of(now + set.claim_seconds * 1000), user)
  call('HSET', KEY.places, user, text_of(tonumber(number)) .. ':0:0')
  stop_waiting(user)
  return 1
end

local function admit()
  if not ADMITS[set.state] or set.rate_per_minute == 0 then return end
  local bucket, bucket_time = allowance()
  local free = set.capacity - call('ZCARD', KEY.admitted)
  local allowed = math.floor(math.min(free, bucket, ADMIT_MAX))
  local admitted, examined = 0, 0
  while admitted < allowed and examined < ADMIT_MAX do
    local heads = call('ZRANGE', KEY.waiting, 0, allowed - admitted - 1, 'WITHSCORES')
    if #heads == 0 then break end
    for index = 1, #heads, 2 do admitted = admitted + take(heads[index], heads[index + 1]) end
    examined = examined + #heads / 2
  end
  if admitted == 0 then return end
  call('HSET', KEY.line, 'bucket', text_of(bucket - admitted), 'bucket_time', string.format('%.6f', bucket_time))
  line[4], line[5] = bucket - admitted, bucket_time
  note_pace(admitted)
end

local function settle()
  expire()
  drop()
  admit()
end

-- What has become of a user's place of that number (of any place where none is given):
-- 'waiting', 'admitted' or 'ended', its number, and of an admission its end and record.
local function look(user, number)
  local waiting = tonumber(call('ZSCORE', KEY.waiting, user))
  if waiting and is_absent(user) then
    stop_waiting(user)
  elseif waiting and (not number or waiting == number) then
    return 'waiting', waiting
  end
  local ends = tonumber(call('ZSCORE', KEY.admitted, user))
  if ends and ends <= now then
    end_admission(user)
  elseif ends then
    local own, claimed, latest = string.match(call('HGET', KEY.places, user) or '', '^(%d+):(%d):(%d+)$')
    own = tonumber(own)
    if own and (not number or own == number) then
      return 'admitted', own, {ends = ends, claimed = claimed == '1', latest = tonumber(latest)}
    end
  end
  return 'ended'
end

local function save_admission(user, number, admission)
  call('ZADD', KEY.admitted, text_of(admission.ends), user)
  call('HSET', KEY.places, user,
       text_of(number) .. ':' .. (admission.claimed and 1 or 0) .. ':' .. text_of(admission.latest))
end

-- Whoever comes has been seen; the first time after being admitted claims the admission.
local function look_and_touch(user, number)
  local state, own, admission = look(user, number)
  if state == 'waiting' then
    call('ZADD', KEY.seen, text_of(now), user)
  elseif state == 'admitted' and not admission.claimed then
    admission.claimed = true
    admission.ends = now + set.admission_seconds * 1000
    admission.latest = now + set.admission_seconds_max * 1000
    save_admission(user, own, admission)
  end
  return state, own, admission
end

-- Position from 1; nil where the user does not wait (never a first place).
local function position_of(user)
  local rank = call('ZRANK', KEY.waiting, user)
  return rank and rank + 1 or nil
end
