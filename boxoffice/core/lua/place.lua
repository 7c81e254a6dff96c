-- How join and poll answer: where the user stands and when to ask again. Run after
-- prelude.lua and before the operation.
--
-- Inputs     what prelude.lua defines
-- Result     none; defines answer(user, token) -> {state, user, position, wait seconds,
--            poll seconds as text, end ms, limit ms}, with false for what does not apply, and the
--            place; append_stub(reply, place), which adds {number, terminal, 1 if drawn, seconds
--            when it is issued, key of stubs}
-- Invariant  costs O(log n) of the waiting: one rank, one score, a few fields

local NEAR_PLACES, MIDDLE_PLACES = 100, 1000
local YOUNG_MS = 90000  -- a rush of joins, and a minute that was not spent on them

-- Admissions a second in the last minutes, of which so much was measured. The oldest minute of the
-- ring counts in part.
local function pace(slots, minutes, measured_ms)
  local minute = math.floor(now / MINUTE_MS)
  local oldest_part = 1 - (now % MINUTE_MS) / MINUTE_MS
  local count = 0
  for _, slot in ipairs(slots) do
    local then_minute, admitted = string.match(slot, '^(%d+):(%d+)$')
    local age = minute - (tonumber(then_minute) or 0)
    if age < minutes then count = count + admitted end
    if age == minutes then count = count + admitted * oldest_part end
  end
  return count * 1000 / measured_ms
end

-- How long it takes until so many are admitted: by the mean of the last five minutes (less right
-- after a change of state), which is what people are told; and at the soonest: as in the last minute
-- or, while the line is young and nobody knows how it moves, as the settings allow, where a place
-- inside has a new owner when he could hear of it. False where nobody is being admitted.
local function wait_seconds(ahead)
  if not ADMITS[set.state] then return false, false end
  local slots = call('HVALS', KEY.pace)
  local measured_ms = math.min(math.max(now - since, PACE_MS_MIN), PACE_MINUTES * MINUTE_MS)
  local mean = pace(slots, PACE_MINUTES, measured_ms)
  if mean == 0 then return false, false end
  local formed = math.max(since, tonumber(line.formed) or 0)
  local fastest = math.min(set.capacity / set.poll_near_seconds, set.rate_per_minute / 60)
  if now - formed >= YOUNG_MS then fastest = pace(slots, 1, MINUTE_MS) end
  return math.ceil(ahead / mean), ahead / math.max(mean, fastest)
end

-- By place, but at the latest half way to the soonest turn: an admission whose owner does not know
-- of it yet keeps somebody else out.
local function poll_seconds(position, soonest)
  if position and position <= NEAR_PLACES then return set.poll_near_seconds end
  local by_place = set.poll_far_seconds
  if position and position <= MIDDLE_PLACES then by_place = set.poll_middle_seconds end
  if not soonest then return by_place end
  return math.min(by_place, math.max(soonest / 2, set.poll_near_seconds))
end

-- The last two fields let the caller keep the interval inside the absence and claim limits.
local function answer(user, token)
  local state, place = look_and_touch(user, token)
  local limit = text_of(math.min(set.absence_seconds, set.claim_seconds) * 1000)
  if state == 'admitted' then
    return {state, user, false, false, tostring(set.poll_far_seconds), text_of(place.ends), limit}, place
  end
  if state ~= 'waiting' then return {state} end
  if set.configured == 'closed' then return {'closed'} end
  local position = position_of(place)
  local wait, soonest = false, false
  if position then wait, soonest = wait_seconds(position - 1) end
  return {state, user, position, wait, tostring(poll_seconds(position, soonest)), false, limit}, place
end

local function append_stub(reply, place)
  local stub = {text_of(place.number), text_of(place.terminal), place.drawn and 1 or 0,
                text_of(math.floor(now / 1000)), call('HGET', KEY.line, 'stub_key')}
  for _, word in ipairs(stub) do reply[#reply + 1] = word end
end
