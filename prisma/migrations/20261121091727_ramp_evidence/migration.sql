-- AlterTable
ALTER TABLE "SeriesPoint" ADD COLUMN     "breakerOpenings" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "StatsMark" ADD COLUMN     "through" TIMESTAMPTZ(3),
ADD COLUMN     "trafficAt" TIMESTAMPTZ(3);
