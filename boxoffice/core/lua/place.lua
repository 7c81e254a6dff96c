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

-- ahead / mean admissions of the last five minutes (less right after a change of state);
-- false when nobody is being admitted. The oldest minute of the ring counts in part.
local function wait_seconds(ahead)
  if not ADMITS[set.state] then return false end
  local minute = math.floor(now / MINUTE_MS)
  local oldest_part = 1 - (now % MINUTE_MS) / MINUTE_MS
  local count = 0
  for _, slot in ipairs(call('HVALS', KEY.pace)) do
    local then_minute, admitted = string.match(slot, '^(%d+):(%d+)$')
    local age = minute - (tonumber(then_minute) or 0)
    if age < PACE_MINUTES then count = count + admitted end
    if age == PACE_MINUTES then count = count + admitted * oldest_part end
  end
  if count == 0 then return false end
  local measured_ms = math.min(math.max(now - since, PACE_MS_MIN), PACE_MINUTES * MINUTE_MS)
  return math.ceil(ahead * measured_ms / 1000 / count)
end

-- By place, but at the latest half way to the turn: an admission whose owner does not know of it
-- yet keeps somebody else out.
local function poll_seconds(position, wait)
  if position and position <= NEAR_PLACES then return set.poll_near_seconds end
  local by_place = set.poll_far_seconds
  if position and position <= MIDDLE_PLACES then by_place = set.poll_middle_seconds end
  if not wait then return by_place end
  return math.min(by_place, math.max(wait / 2, set.poll_near_seconds))
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
  local wait = position and wait_seconds(position - 1)
  return {state, user, position, wait, tostring(poll_seconds(position, wait)), false, limit}, place
end

local function append_stub(reply, place)
  local stub = {text_of(place.number), text_of(place.terminal), place.drawn and 1 or 0,
                text_of(math.floor(now / 1000)), call('HGET', KEY.line, 'stub_key')}
  for _, word in ipairs(stub) do reply[#reply + 1] = word end
end
