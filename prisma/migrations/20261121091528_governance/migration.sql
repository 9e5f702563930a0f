-- AlterTable
ALTER TABLE "Environment" ADD COLUMN     "governance" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "protection" JSONB,
ADD COLUMN     "stoppedLine" JSONB;

-- CreateTable
CREATE TABLE "Freeze" (
    "id" TEXT NOT NULL,
    "environmentId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "window" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Freeze_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Approval" (
    "id" TEXT NOT NULL,
    "environmentId" TEXT NOT NULL,
    "change" JSONB NOT NULL,
    "title" TEXT NOT NULL,
    "objectKind" TEXT NOT NULL,
    "objectId" TEXT NOT NULL,
    "objectName" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "moves" JSONB NOT NULL,
    "needs" TEXT NOT NULL,
    "requestedByKind" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedByName" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "quorum" INTEGER NOT NULL,
    "selfApproval" BOOLEAN NOT NULL,
    "votes" JSONB NOT NULL DEFAULT '[]',
    "status" TEXT NOT NULL,
    "statusReason" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Approval_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ScheduledChange" (
    "id" TEXT NOT NULL,
    "environmentId" TEXT NOT NULL,
    "change" JSONB NOT NULL,
    "title" TEXT NOT NULL,
    "objectKind" TEXT NOT NULL,
    "objectId" TEXT NOT NULL,
    "objectName" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL,
    "statusReason" TEXT,
    "requestedByKind" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedByName" TEXT NOT NULL,
    "appliedAt" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ScheduledChange_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Freeze_environmentId_name_key" ON "Freeze"("environmentId", "name");

-- CreateIndex
CREATE INDEX "Approval_environmentId_status_idx" ON "Approval"("environmentId", "status");

-- CreateIndex
CREATE INDEX "Approval_objectId_idx" ON "Approval"("objectId");

-- CreateIndex
CREATE INDEX "ScheduledChange_status_at_idx" ON "ScheduledChange"("status", "at");

-- CreateIndex
CREATE INDEX "ScheduledChange_environmentId_at_idx" ON "ScheduledChange"("environmentId", "at");

-- CreateIndex
CREATE INDEX "ScheduledChange_objectId_idx" ON "ScheduledChange"("objectId");

-- AddForeignKey
ALTER TABLE "Freeze" ADD CONSTRAINT "Freeze_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Approval" ADD CONSTRAINT "Approval_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ScheduledChange" ADD CONSTRAINT "ScheduledChange_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
