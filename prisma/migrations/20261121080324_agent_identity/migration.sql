-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "duplicateAt" TIMESTAMPTZ(3),
ADD COLUMN     "joinedAt" TIMESTAMPTZ(3),
ADD COLUMN     "liveBoot" TEXT,
ADD COLUMN     "liveLink" TEXT,
ADD COLUMN     "replacedBoot" TEXT,
ADD COLUMN     "revokedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "AgentToken" ADD COLUMN     "expiresAt" TIMESTAMPTZ(3),
ADD COLUMN     "usedAt" TIMESTAMPTZ(3),
ADD COLUMN     "usedBy" TEXT,
ADD COLUMN     "uses" TEXT NOT NULL DEFAULT 'many';

-- CreateTable
CREATE TABLE "AgentCredential" (
    "id" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "tokenId" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "issuedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "firstUsedAt" TIMESTAMPTZ(3),
    "supersededAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AgentCredential_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AgentAssertion" (
    "id" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AgentAssertion_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "AgentCredential_publicKey_key" ON "AgentCredential"("publicKey");

-- CreateIndex
CREATE INDEX "AgentCredential_agentId_issuedAt_idx" ON "AgentCredential"("agentId", "issuedAt");

-- CreateIndex
CREATE INDEX "AgentAssertion_expiresAt_idx" ON "AgentAssertion"("expiresAt");

-- CreateIndex
CREATE INDEX "Agent_tokenId_idx" ON "Agent"("tokenId");

-- AddForeignKey
ALTER TABLE "AgentCredential" ADD CONSTRAINT "AgentCredential_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
