-- CreateTable
CREATE TABLE "Ramp" (
    "id" TEXT NOT NULL,
    "environmentId" TEXT NOT NULL,
    "mappingId" TEXT,
    "groupId" TEXT,
    "plan" JSONB NOT NULL,
    "guardrails" JSONB NOT NULL,
    "acceptance" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "state" JSONB NOT NULL,
    "status" TEXT NOT NULL,
    "saves" INTEGER NOT NULL DEFAULT 1,
    "memory" JSONB NOT NULL DEFAULT '{}',
    "judged" JSONB,
    "visits" JSONB NOT NULL DEFAULT '[]',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Ramp_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Ramp_mappingId_key" ON "Ramp"("mappingId");

-- CreateIndex
CREATE UNIQUE INDEX "Ramp_groupId_key" ON "Ramp"("groupId");

-- CreateIndex
CREATE INDEX "Ramp_environmentId_idx" ON "Ramp"("environmentId");

-- CreateIndex
CREATE INDEX "Ramp_status_idx" ON "Ramp"("status");

-- AddForeignKey
ALTER TABLE "Ramp" ADD CONSTRAINT "Ramp_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Ramp" ADD CONSTRAINT "Ramp_mappingId_fkey" FOREIGN KEY ("mappingId") REFERENCES "Mapping"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Ramp" ADD CONSTRAINT "Ramp_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "Group"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A ramp moves a mapping or a group, never both.
ALTER TABLE "Ramp" ADD CONSTRAINT "Ramp_one_target" CHECK (num_nonnulls("mappingId", "groupId") = 1);
