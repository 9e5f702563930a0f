-- What nobody had to choose before callers could be checked: kept as long as nothing carries a check.
UPDATE "Environment"
SET "settings" = jsonb_set("settings"::jsonb, '{paths,encodedSlash}', '"auto"')
WHERE "settings" #>> '{paths,encodedSlash}' = 'keep';
