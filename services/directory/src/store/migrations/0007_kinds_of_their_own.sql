-- Who speaks like OpenAI but for a few things was known by its price book, and is a kind of its own now. Which kinds there
-- are the contract says, and the directory takes no other, so the table has no list of them any more.
ALTER TABLE providers DROP CONSTRAINT providers_kind_check;

-- Gateways that run are told nothing: to them these are known by their price books, as they were.
UPDATE providers
SET kind = price_book
WHERE kind = 'openai' AND price_book IN ('mistral', 'deepseek', 'groq', 'together', 'perplexity', 'lambda', 'ollama');
