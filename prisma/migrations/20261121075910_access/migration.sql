-- AlterTable
ALTER TABLE "ApiToken" ALTER COLUMN "role" DROP NOT NULL;

-- AlterTable
ALTER TABLE "OneTimeLink" DROP COLUMN "role";

-- AlterTable
ALTER TABLE "User" ALTER COLUMN "role" DROP NOT NULL;

-- CreateTable
CREATE TABLE "UserRole" (
    "userId" TEXT NOT NULL,
    "environmentId" TEXT NOT NULL,
    "role" TEXT NOT NULL,

    CONSTRAINT "UserRole_pkey" PRIMARY KEY ("userId","environmentId")
);

-- CreateTable
CREATE TABLE "ApiTokenRole" (
    "tokenId" TEXT NOT NULL,
    "environmentId" TEXT NOT NULL,
    "role" TEXT NOT NULL,

    CONSTRAINT "ApiTokenRole_pkey" PRIMARY KEY ("tokenId","environmentId")
);

-- CreateIndex
CREATE INDEX "UserRole_environmentId_idx" ON "UserRole"("environmentId");

-- CreateIndex
CREATE INDEX "ApiTokenRole_environmentId_idx" ON "ApiTokenRole"("environmentId");

-- AddForeignKey
ALTER TABLE "UserRole" ADD CONSTRAINT "UserRole_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "UserRole" ADD CONSTRAINT "UserRole_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiTokenRole" ADD CONSTRAINT "ApiTokenRole_tokenId_fkey" FOREIGN KEY ("tokenId") REFERENCES "ApiToken"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiTokenRole" ADD CONSTRAINT "ApiTokenRole_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE CASCADE ON UPDATE CASCADE;
