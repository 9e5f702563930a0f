-- AlterTable
ALTER TABLE "Mapping" ADD COLUMN     "policy" JSONB NOT NULL DEFAULT '{}';
