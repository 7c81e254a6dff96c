-- What every operation of the queue begins with: its settings, its clock, and the steps
-- that move the line. Each operation file is run after this one, as one script.
--
-- Inputs     KEYS 1-7 of one concert: settings HASH, line HASH, waiting ZSET (user -> order),
--            admitted ZSET (user -> end, ms), places HASH (user who waits or is admitted ->
--            number:claimed:latest end:terminal:since:drawn, times in ms), seen ZSET (waiting
--            user -> last seen, ms), pace HASH
--            ARGV 1-12 default settings in the order of SETTINGS; from OWN on the operation's
-- Result     {'unfounded'} where Postgres has to be asked first, {'recall'} where this caller
--            is to ask it and then to come again; else defines what the operations use
-- Invariant  admitting never takes the admitted above the capacity, nor a user out of the
--            waiting before he stands among the admitted; no user is in both; numbers only
--            grow; time never goes back. Absent and ended users go before anybody is admitted.
--            After a restart of the server nobody is admitted or absent for recover_seconds from
--            when Postgres was asked; in a state that admits nobody, as long as it lasts.

local call = redis.call
local KEY_COUNT = 7
if #KEYS < KEY_COUNT then return redis.error_reply('ERR queue needs all its keys') end
local KEY = {settings = KEYS[1], line = KEYS[2], waiting = KEYS[3], admitted = KEYS[4],
             places = KEYS[5], seen = KEYS[6], pace = KEYS[7]}
local SETTINGS = {'capacity', 'rate_per_minute', 'burst', 'admission_seconds',
                  'admission_seconds_max', 'claim_seconds', 'absence_seconds',
                  'poll_near_seconds', 'poll_middle_seconds', 'poll_far_seconds',
                  'recover_seconds', 'staff_allowance'}
local OWN = #SETTINGS + 1
local SETTING_MAX = 1e9
local EXPIRE_MAX, DROP_MAX, ADMIT_MAX = 1000, 200, 200  -- users in one call
local MINUTE_MS = 60000
local PACE_MINUTES, PACE_MS_MIN = 5, 30000
local TOKEN_SECONDS = 86400  -- a token is known for a day after its last use
local CLOCK_STEP_MS = 1000   -- of less the line just waits
local RESTART_MS_MIN = 5     -- no server stops and starts in less
local RECALL_MS = 5000       -- after so long somebody else is asked to ask Postgres

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

local line = {}
local FIELDS = {'time', 'state', 'since', 'bucket', 'bucket_time', 'run', 'recover_from', 'recall', 'floor', 'ahead', 'formed'}
for index, value in ipairs(call('HMGET', KEY.line, unpack(FIELDS))) do line[FIELDS[index]] = value end
if not line.run then return {'unfounded'} end

local set = {}
local stored = call('HMGET', KEY.settings, 'state', unpack(SETTINGS))
set.configured = stored[1] or 'open'
if not STATES[set.configured] then set.configured = 'closed' end
for index, name in ipairs(SETTINGS) do
  local own = stored[index + 1]
  local value = own and number_in(own, 0, SETTING_MAX) or number_in(ARGV[index], 0, SETTING_MAX)
  if not value then return redis.error_reply('ERR queue setting ' .. name .. ' is no number') end
  set[name] = value
end

local clock = call('TIME')
local server_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
server_ms = server_ms + (tonumber(line.ahead) or 0)
local last = tonumber(line.time) or 0
-- Of a clock that was put back the time goes on from where it was: waiting until the clock is
-- there again would stop the line for as long as the step.
local steps_back_ms = last - server_ms
if steps_back_ms > CLOCK_STEP_MS then
  line.ahead = text_of((tonumber(line.ahead) or 0) + steps_back_ms)
  call('HSET', KEY.line, 'ahead', line.ahead)
end
local now = math.max(server_ms, last)
if now > last then call('HSET', KEY.line, 'time', text_of(now)) end

-- A server that restarted may have lost what it had not yet written to its disk.
if server_ms - last >= RESTART_MS_MIN or server_ms < last then
  local run = string.match(call('INFO', 'server'), 'run_id:(%w+)')
  if run ~= line.run then
    line.recover_from, line.recall = text_of(now), '0'
    call('HSET', KEY.line, 'run', run, 'recover_from', line.recover_from, 'lost_at', line.recover_from, 'recall', '0')
  end
end
local recovering = line.recover_from and (line.recall or not ADMITS[set.configured]
                                          or now < line.recover_from + set.recover_seconds * 1000)
if line.recover_from and not recovering then call('HDEL', KEY.line, 'recover_from') end
set.state = recovering and ADMITS[set.configured] and 'recover' or set.configured

-- A change of state starts the absence of everybody anew, and the estimate. So does a time in
-- which nobody came at all: then it was the way here that was broken.
local absence_ms = set.absence_seconds * 1000
local since = tonumber(line.since) or now
if line.state ~= set.state or (last > 0 and now - last > absence_ms / 2) then
  since = now
  call('HSET', KEY.line, 'state', set.state, 'since', text_of(since))
  call('DEL', KEY.pace)
end
local drops = DROPS[set.state] and not recovering and now - since >= absence_ms
local absent_before = drops and now - absence_ms or -1
local all_dropped = not drops

if line.recall and now - line.recall >= RECALL_MS then
  call('HSET', KEY.line, 'recall', text_of(now))
  return {'recall'}
end

-- The user that a token was given to, and the number and terminal of the place, from what the
-- token's key says; nil if unknown.
local function owner(value)
  if not value then return nil end
  local user, number, terminal, left = string.match(value, '^(%d+):(%d+):(%d+)(:?%a*)$')
  -- Also nil for what another version of this program wrote.
  if not number or tonumber(number) <= tonumber(line.floor) then return nil end
  return user, {number = tonumber(number), terminal = tonumber(terminal), left = left == ':left'}
end

local function place_of(user)
  local number, claimed, latest, terminal, taken, drawn =
    string.match(call('HGET', KEY.places, user) or '', '^(%d+):(%d):(%d+):(%d+):(%d+):(%d)$')
  return number and {number = tonumber(number), claimed = claimed == '1', latest = tonumber(latest),
                     terminal = tonumber(terminal), since = tonumber(taken), drawn = drawn == '1'}
end

local function save_place(user, place)
  local record = string.format('%.0f:%d:%.0f:%.0f:%.0f:%d', place.number, place.claimed and 1 or 0,
                               place.latest, place.terminal, place.since, place.drawn and 1 or 0)
  call('HSET', KEY.places, user, record)
end

-- Where a place stands in the line: by its number; drawn places before all numbers, by lot.
local LOT_DIGITS, LOTS = 13, 2 ^ 52  -- as many bits as a score holds exactly
local function order_of(user, place)
  if not place.drawn then return text_of(place.number) end
  local seed = call('HGET', KEY.line, 'seed') or ''
  local lot = string.sub(redis.sha1hex(seed .. ':' .. user), 1, LOT_DIGITS)
  return text_of(tonumber(lot, 16) - LOTS)
end

local function end_admission(user)
  call('ZREM', KEY.admitted, user)
  call('HDEL', KEY.places, user)
end

local function leave_line(user)
  call('ZREM', KEY.waiting, user)
  call('ZREM', KEY.seen, user)
end

local function stop_waiting(user)
  leave_line(user)
  call('HDEL', KEY.places, user)
end

local function is_absent(user)
  if all_dropped then return false end
  local seen = tonumber(call('ZSCORE', KEY.seen, user))
  return seen ~= nil and seen <= absent_before
end

local function expire()
  local ended = call('ZRANGE', KEY.admitted, '-inf', text_of(now), 'BYSCORE', 'LIMIT', 0, EXPIRE_MAX)
  for _, user in ipairs(ended) do end_admission(user) end
end

local function drop()
  if all_dropped then return end
  local absent = call('ZRANGE', KEY.seen, '-inf', text_of(absent_before), 'BYSCORE', 'LIMIT', 0, DROP_MAX)
  for _, user in ipairs(absent) do stop_waiting(user) end
  all_dropped = #absent < DROP_MAX
end

-- Token bucket. Its clock advances only by the time that became whole admissions, so that
-- calls more frequent than the rate do not round every one of them down to nothing.
local function allowance()
  local interval_ms = MINUTE_MS / set.rate_per_minute
  local burst = math.floor(set.burst)
  local bucket, bucket_time = tonumber(line.bucket), tonumber(line.bucket_time)
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
local function take(user)
  if call('ZSCORE', KEY.admitted, user) then
    leave_line(user)
    return 0
  end
  if is_absent(user) then
    stop_waiting(user)
    return 0
  end
  call('ZADD', KEY.admitted, text_of(now + set.claim_seconds * 1000), user)
  leave_line(user)
  return 1
end

local function admit()
  if not ADMITS[set.state] or set.rate_per_minute == 0 then return end
  local bucket, bucket_time = allowance()
  local free = set.capacity - call('ZCARD', KEY.admitted)
  local allowed = math.floor(math.min(free, bucket, ADMIT_MAX))
  local admitted, examined = 0, 0
  while admitted < allowed and examined < ADMIT_MAX do
    local heads = call('ZRANGE', KEY.waiting, 0, allowed - admitted - 1)
    if #heads == 0 then break end
    for _, user in ipairs(heads) do admitted = admitted + take(user) end
    examined = examined + #heads
  end
  if admitted == 0 then return end
  call('HSET', KEY.line, 'bucket', text_of(bucket - admitted), 'bucket_time', string.format('%.6f', bucket_time))
  line.bucket, line.bucket_time = bucket - admitted, bucket_time
  note_pace(admitted)
end

local function settle()
  expire()
  drop()
  admit()
end

-- What has become of the place of a token (of any place of the user where none is given):
-- 'waiting', 'admitted', 'ended', or 'taken' by another terminal; and the place with its end.
local function look(user, token)
  local place = place_of(user)
  if not place or (token and (token.left or token.number ~= place.number)) then return 'ended' end
  local state
  place.rank = call('ZRANK', KEY.waiting, user)
  if place.rank then
    if is_absent(user) then stop_waiting(user) else state = 'waiting' end
  else
    place.ends = tonumber(call('ZSCORE', KEY.admitted, user))
    if place.ends and place.ends > now then state = 'admitted' else end_admission(user) end
  end
  if state and token and token.terminal ~= place.terminal then return 'taken' end
  return state or 'ended', place
end

local function save_admission(user, place)
  call('ZADD', KEY.admitted, text_of(place.ends), user)
  save_place(user, place)
end

-- Whoever comes has been seen; the first time after being admitted claims the admission.
local function look_and_touch(user, token)
  local state, place = look(user, token)
  if state == 'waiting' then
    call('ZADD', KEY.seen, text_of(now), user)
  elseif state == 'admitted' and not place.claimed then
    place.claimed = true
    place.ends = now + set.admission_seconds * 1000
    place.latest = now + set.admission_seconds_max * 1000
    save_admission(user, place)
  end
  return state, place
end

-- Position from 1 of a place that look() found waiting; false before the draw.
local function position_of(place)
  return set.configured ~= 'pre' and place.rank + 1
end
