-- AlterTable
ALTER TABLE "SeriesPoint" DROP CONSTRAINT "SeriesPoint_pkey",
ADD COLUMN     "client" TEXT NOT NULL DEFAULT '',
ADD CONSTRAINT "SeriesPoint_pkey" PRIMARY KEY ("environmentId", "resolution", "mappingId", "side", "via", "client", "at");

-- CreateTable
CREATE TABLE "PathCount" (
    "environmentId" TEXT NOT NULL,
    "mappingId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "sample" TEXT,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PathCount_pkey" PRIMARY KEY ("environmentId","mappingId","kind","hour","method","path")
);

-- CreateIndex
CREATE INDEX "PathCount_hour_idx" ON "PathCount"("hour");
