/**
 * Takes one request for each key, in order. KEYS are the buckets, ARGV a limit and a time for each. Answers an
 * alternation of 1 or 0 (allowed or not) and the level afterwards. The same arithmetic as `pour`.
 */
export const TAKE_SCRIPT = `
local answers = {}
for i, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[2 * i - 1])
  local now = tonumber(ARGV[2 * i])
  local stored = redis.call('HMGET', key, 'level', 'at')
  local at = math.max(tonumber(stored[2]) or now, now)
  local level = 0
  if stored[1] then
    level = math.max(0, math.min(tonumber(stored[1]), limit * 60000) - (at - tonumber(stored[2])) * limit)
  end
  local allowed = 0
  if level + 60000 <= limit * 60000 then
    allowed = 1
    level = level + 60000
  end
  redis.call('HSET', key, 'level', string.format('%.0f', level), 'at', string.format('%.0f', at))
  redis.call('PEXPIRE', key, 120000)
  answers[2 * i - 1] = allowed
  answers[2 * i] = string.format('%.0f', level)
end
return answers
`;
