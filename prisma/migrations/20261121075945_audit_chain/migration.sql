-- AlterTable
ALTER TABLE "Change" ADD COLUMN     "canonical" TEXT,
ADD COLUMN     "mac" TEXT,
ALTER COLUMN "seq" DROP DEFAULT;
DROP SEQUENCE "Change_seq_seq";

-- CreateTable
CREATE TABLE "AuditHead" (
    "id" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,
    "mac" TEXT NOT NULL,

    CONSTRAINT "AuditHead_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "AuditHead_is_one" CHECK ("id" = 1)
);


INSERT INTO "AuditHead" ("id", "seq", "mac") SELECT 1, COALESCE(MAX("seq"), 0), repeat('0', 64) FROM "Change";

-- Only a prefix may go, and only in a transaction that says up to where: behind a sealed entry (audit/retention.ts).
DROP TRIGGER "Change_stays" ON "Change";
CREATE TRIGGER "Change_stays" BEFORE UPDATE OR TRUNCATE ON "Change"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_to_alter_changes"();
ALTER TABLE "Change" ENABLE ALWAYS TRIGGER "Change_stays";

CREATE FUNCTION "refuse_to_delete_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD."seq" <= NULLIF(current_setting('crossfade.prune_through', true), '')::bigint THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER "Change_remains" BEFORE DELETE ON "Change"
    FOR EACH ROW EXECUTE FUNCTION "refuse_to_delete_changes"();
ALTER TABLE "Change" ENABLE ALWAYS TRIGGER "Change_remains";
