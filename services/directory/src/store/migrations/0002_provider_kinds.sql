-- Providers that speak otherwise than OpenAI.
ALTER TABLE providers DROP CONSTRAINT providers_kind_check;
ALTER TABLE providers ADD CONSTRAINT providers_kind_check
  CHECK (kind IN ('openai', 'azure', 'anthropic', 'gemini', 'cohere'));
